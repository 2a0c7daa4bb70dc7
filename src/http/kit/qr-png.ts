import { encode } from 'uqr';

/** Light modules around the code (ISO/IEC 18004 §6.3.8). */
const quietZone = 4;
const pixelsPerModule = 6;

/** A QR code as a PNG in black and white. The library that writes it is loaded when the first one is asked for. */
export async function qrPng(text: string): Promise<Buffer> {
  const { default: sharp } = await import('sharp');
  const { data, size } = encode(text, { ecc: 'M', border: quietZone });
  const modules = Buffer.from(data.flatMap((row) => row.map((dark) => (dark ? 0 : 255))));
  const side = size * pixelsPerModule;
  return sharp(modules, { raw: { width: size, height: size, channels: 1 } })
    .resize({ width: side, height: side, kernel: 'nearest' })
    .png({ palette: true, colours: 2 })
    .toBuffer();
}
