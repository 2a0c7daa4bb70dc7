import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { imagePurposes } from '../../src/core/files/image-purpose.ts';
import { sharpEncoder } from '../../src/files/sharp-encoder.ts';
import { animatedGif, html, jpeg, png, pngBomb, sidewaysPhotograph, svg, tiff, webp } from '../kit/images.ts';

const bounds = imagePurposes.user_profile;
const { encode } = sharpEncoder();
const made = async (bytes: Uint8Array): Promise<Uint8Array> => {
  const image = await encode(bytes, bounds);
  if (image === null) throw new Error('no image was made');
  return image;
};
const pixelAt = async (image: Uint8Array, left: number, top: number): Promise<number[]> => {
  const raw = await sharp(image).removeAlpha().extract({ left, top, width: 1, height: 1 }).raw().toBuffer();
  return [...raw];
};

describe('Our own image of what was sent (rule 34)', () => {
  test.each([
    ['PNG', png],
    ['JPEG', jpeg],
    ['WebP', webp],
    ['GIF', animatedGif],
  ])('%s becomes WebP', async (_kind, make) => {
    expect((await sharp(await made(await make())).metadata()).format).toBe('webp');
  });

  test('what is larger than 2000 pixels shrinks and keeps its shape; what is smaller stays', async () => {
    expect(await sharp(await made(await png(3000, 1000))).metadata()).toMatchObject({ width: 2000, height: 667 });
    expect(await sharp(await made(await png(30, 10))).metadata()).toMatchObject({ width: 30, height: 10 });
  });

  test('what has no loss keeps none', async () => {
    const [sent, stored] = [await png(40, 20), await made(await png(40, 20))];
    const pixels = (image: Uint8Array) => sharp(image).removeAlpha().raw().toBuffer();
    expect((await pixels(stored)).equals(await pixels(sent))).toBe(true);
  });

  test('a photograph stands upright, and tells nothing of who took it where', async () => {
    const sent = await sidewaysPhotograph();
    expect(Buffer.from(sent).includes('EXIF-CANARY')).toBe(true);
    const stored = await made(sent);
    const { width, height, exif, xmp, icc, orientation } = await sharp(stored).metadata();
    expect({ width, height, exif, xmp, icc, orientation }).toEqual({ width: 20, height: 40 });
    expect(Buffer.from(stored).includes('CANARY')).toBe(false);
    const [top, bottom] = [await pixelAt(stored, 10, 5), await pixelAt(stored, 10, 35)];
    expect(top[0]).toBeGreaterThan(200); // red was left and is now at the top
    expect(bottom[2]).toBeGreaterThan(200);
  });

  test('what moves goes on moving', async () => {
    const stored = await made(await animatedGif());
    const { pages, format, pageHeight, width } = await sharp(stored, { animated: true }).metadata();
    expect({ pages, format, pageHeight, width }).toEqual({ pages: 3, format: 'webp', pageHeight: 8, width: 8 });
    expect(await sharp(await made(stored), { animated: true }).metadata()).toMatchObject({ pages: 3 });
  });

  test('of an animation with more pixels in all than are decoded, the first picture stays', async () => {
    const stored = await encode(await animatedGif(), { maxPixels: 2 * 8 * 8, maxEdge: 2000 });
    expect((await sharp(stored!, { animated: true }).metadata()).pages ?? 1).toBe(1);
    expect(await pixelAt(stored!, 4, 4)).toEqual([255, 0, 0]);
  });
});

describe('What is no image within the bounds makes none', () => {
  test.each([
    ['a small file of many pixels', async () => pngBomb(30_000, 30_000)],
    ['one row too many', async () => pngBomb(5000, 5001)],
    ['half a PNG', async () => (await png(300, 300)).subarray(0, 300)],
    ['half a JPEG', async () => half(await jpeg(300, 300))],
    ['half a WebP', async () => half(await webp(300, 300))],
    ['a GIF without a whole picture', async () => (await animatedGif()).subarray(0, 40)],
    ['a header alone', async () => (await png()).subarray(0, 8)],
    ['a PNG that says it is a JPEG', async () => Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), await png()])],
    ['an SVG', async () => svg()],
    ['an SVG after the first bytes of a GIF', async () => Buffer.concat([Buffer.from('GIF89a'), svg()])],
    ['a page', async () => html()],
    ['a TIFF', tiff],
    ['nothing', async () => new Uint8Array()],
  ])('%s', async (_what, make) => {
    expect(await encode(await make(), bounds)).toBeNull();
  });

  test('the largest that is taken is taken', async () => {
    expect(await sharp(await made(pngBomb(5000, 5000))).metadata()).toMatchObject({ width: 2000, height: 2000 });
  });

  const half = (bytes: Uint8Array): Uint8Array => bytes.subarray(0, Math.floor(bytes.length / 2));
});
