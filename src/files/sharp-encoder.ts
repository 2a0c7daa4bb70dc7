import { boundedPool } from '../base/bounded-pool.ts';
import type { ImageBounds, ImageEncoder } from '../core/files/image-encoder.ts';
import { imageKind } from '../core/files/image-purpose.ts';

/** libvips reads many more formats, some of them by parsers with a history. Only these are ever opened. */
const readers = ['JpegBuffer', 'PngBuffer', 'NsgifBuffer', 'WebpBuffer'].map((name) => `VipsForeignLoad${name}`);

/** The library takes tens of megabytes, so it is loaded when the first image arrives. */
async function load() {
  const { default: sharp } = await import('sharp');
  sharp.cache(false);
  sharp.concurrency(1);
  sharp.block({ operation: ['VipsForeignLoad'] });
  sharp.unblock({ operation: readers });
  return sharp;
}

const longestSeconds = 15;
/** Kept without loss, the noise of a JPEG would take several times its size. */
const photograph = { quality: 90 } as const;
const drawing = { lossless: true, effort: 2 } as const;

/** Images are decoded and written by libvips, outside the event loop, two at a time: each may take 100 MB. */
export function sharpEncoder(): ImageEncoder {
  const pool = boundedPool({ concurrency: 2, queueLength: 20 });
  let loading: ReturnType<typeof load> | null = null;

  async function encode(bytes: Uint8Array, { maxPixels, maxEdge }: ImageBounds): Promise<Uint8Array | null> {
    loading ??= load();
    const sharp = await loading;
    try {
      // Of an animation the first picture: no more than one page is read unless asked for.
      const image = sharp(bytes, { limitInputPixels: maxPixels, failOn: 'error', sequentialRead: true })
        .timeout({ seconds: longestSeconds })
        .autoOrient()
        .resize({ width: maxEdge, height: maxEdge, fit: 'inside', withoutEnlargement: true })
        .toColourspace('srgb');
      return await image.webp(imageKind(bytes) === 'jpeg' ? photograph : drawing).toBuffer();
    } catch {
      return null; // truncated, broken, too large or too slow: no image in any case
    }
  }

  return { encode: (bytes, bounds) => pool.run(() => encode(bytes, bounds)) };
}
