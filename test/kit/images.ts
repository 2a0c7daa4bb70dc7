import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';

const red = { r: 255, g: 0, b: 0 };
const blue = { r: 0, g: 0, b: 255 };

/** Left half red, right half blue. */
const flag = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: red } }).composite([
    {
      input: { create: { width: Math.floor(width / 2), height, channels: 3, background: blue } },
      left: Math.ceil(width / 2),
      top: 0,
    },
  ]);

export const png = (width = 4, height = 4): Promise<Uint8Array> => flag(width, height).png().toBuffer();
/** A picture nobody else has. */
export const pngOf = (shade: number): Promise<Uint8Array> =>
  sharp({ create: { width: 4, height: 4, channels: 3, background: { r: shade & 255, g: shade >> 8, b: 7 } } })
    .png()
    .toBuffer();
export const webp = (width = 4, height = 4): Promise<Uint8Array> => flag(width, height).webp().toBuffer();
export const jpeg = (width = 4, height = 4): Promise<Uint8Array> => flag(width, height).jpeg().toBuffer();

/** A camera held sideways: stored lying, to be shown standing; and it tells where and by whom it was taken. */
export const sidewaysPhotograph = (): Promise<Uint8Array> =>
  flag(40, 20)
    .jpeg({ quality: 100 })
    .withExif({ IFD0: { Artist: 'EXIF-CANARY' }, IFD3: { GPSLatitude: '51/1 30/1 0/1' } })
    .withMetadata({ orientation: 6 })
    .withXmp('<x:xmpmeta xmlns:x="adobe:ns:meta/">XMP-CANARY</x:xmpmeta>')
    .toBuffer();

/** Three pictures in turn. */
export async function animatedGif(): Promise<Uint8Array> {
  const frames = Buffer.concat([red, blue, red].map(({ r, g, b }) => Buffer.alloc(8 * 8 * 3, Buffer.from([r, g, b]))));
  return sharp(frames, { raw: { width: 8, height: 24, channels: 3, pageHeight: 8 } })
    .gif()
    .toBuffer();
}

/** A PNG of a few kilobytes whose header says, and whose data keeps, that many pixels. */
export function pngBomb(width: number, height: number): Uint8Array {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([1, 0, 0, 0, 0], 8); // one bit a pixel, grey
  const row = Buffer.alloc(1 + Math.ceil(width / 8));
  const data = deflateSync(Buffer.concat(Array.from({ length: height }, () => row)));
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('IDAT', data),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const named = Buffer.concat([Buffer.from(type), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(named), 4);
  return Buffer.concat([frame.subarray(0, 4), named, frame.subarray(4)]);
}

export const svg = (): Uint8Array =>
  Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>alert(1)</script></svg>');
export const html = (): Uint8Array => Buffer.from('<!doctype html><script>alert(1)</script>');
export const tiff = (): Promise<Uint8Array> => flag(4, 4).tiff().toBuffer();

/** As a browser uploads it: the name and type it gives count for nothing. */
export function upload(bytes: Uint8Array, { part = 'file', name = 'me.png', type = 'image/png' } = {}): FormData {
  const form = new FormData();
  form.append(part, new Blob([Uint8Array.from(bytes)], { type }), name);
  return form;
}
