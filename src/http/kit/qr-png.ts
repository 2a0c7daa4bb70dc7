import { crc32, deflateSync } from 'node:zlib';
import { qrModules } from './qr-code.ts';

/** Light modules around the code (ISO/IEC 18004 §6.3.8). */
const quietZone = 4;
const pixelsPerModule = 6;

/** A QR code as a PNG in black and white (PNG §11.2): one bit for a pixel. */
export function qrPng(text: string): Buffer {
  const modules = qrModules(text);
  const side = (modules.length + 2 * quietZone) * pixelsPerModule;
  const rows: Buffer[] = [];
  for (let row = -quietZone; row < modules.length + quietZone; row += 1) {
    const line = Buffer.alloc(1 + Math.ceil(side / 8), 0xff);
    line[0] = 0; // no filter
    for (const [column, dark] of (modules[row] ?? []).entries()) {
      for (let pixel = 0; dark && pixel < pixelsPerModule; pixel += 1) {
        const at = (column + quietZone) * pixelsPerModule + pixel;
        line[1 + (at >> 3)]! &= ~(0x80 >> (at & 7));
      }
    }
    for (let copy = 0; copy < pixelsPerModule; copy += 1) rows.push(line);
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header[8] = 1; // bit depth; greyscale, no interlacing
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.concat(rows))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const typed = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const framed = Buffer.alloc(typed.length + 8);
  framed.writeUInt32BE(data.length, 0);
  typed.copy(framed, 4);
  framed.writeUInt32BE(crc32(typed), typed.length + 4);
  return framed;
}
