import jsQR from 'jsqr';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { qrPng } from '../../../src/http/kit/qr-png.ts';

/** What another library reads in the picture. */
async function readBack(png: Buffer): Promise<string | undefined> {
  const { data, info } = await sharp(png).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  return jsQR.default(new Uint8ClampedArray(data), info.width, info.height)?.data;
}

describe('QR codes', () => {
  const long = `otpauth://totp/${'x'.repeat(64)}:${'a'.repeat(64)}%40${'b'.repeat(180)}.example?secret=${'A'.repeat(32)}`;

  test.each(['otpauth', long, 'Zoë 日本'])('%s is read back', async (text) => {
    expect(await readBack(await qrPng(text))).toBe(text);
  });

  test('are black and white, with a quiet zone of four modules', async () => {
    const { data, info } = await sharp(await qrPng('otpauth'))
      .toColourspace('b-w')
      .raw()
      .toBuffer({
        resolveWithObject: true,
      });
    expect([info.width, info.height]).toEqual([(21 + 8) * 6, (21 + 8) * 6]);
    const at = (x: number, y: number) => data[(y * info.width + x) * info.channels];
    expect(new Set(data)).toEqual(new Set([0, 255]));
    expect([at(23, 24), at(24, 23), at(24, 24), at(29, 29)]).toEqual([255, 255, 0, 0]);
  });

  test('more than fits is refused', async () => {
    await expect(qrPng('x'.repeat(2_400))).rejects.toThrow(RangeError);
  });
});
