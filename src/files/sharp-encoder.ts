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
const animation = { quality: 80, effort: 2 } as const;
type Target = typeof photograph | typeof drawing | typeof animation;

/** Bytes. Every page that shows somebody's picture loads it. */
const longestAnimation = 4 * 1_048_576;

/** Images are decoded and written by libvips, outside the event loop, two at a time: each may take 100 MB. */
export function sharpEncoder(): ImageEncoder {
  const pool = boundedPool({ concurrency: 2, queueLength: 20 });
  let loading: ReturnType<typeof load> | null = null;

  async function encode(bytes: Uint8Array, bounds: ImageBounds): Promise<Uint8Array | null> {
    const kind = imageKind(bytes);
    const moving = kind === 'gif' || kind === 'webp' ? await make(bytes, bounds, animation) : null;
    return moving ?? make(bytes, bounds, kind === 'jpeg' ? photograph : drawing);
  }

  /** Null for what is truncated, broken, too large or too slow: no image in any case. */
  async function make(bytes: Uint8Array, { maxPixels, maxEdge }: ImageBounds, to: Target): Promise<Uint8Array | null> {
    loading ??= load();
    const sharp = await loading;
    const moves = to === animation;
    try {
      // The bound is of all pictures of an animation together. Of one that is beyond it the first picture is kept.
      const options = { limitInputPixels: maxPixels, failOn: 'error', sequentialRead: true, animated: moves } as const;
      const read = sharp(bytes, options).timeout({ seconds: longestSeconds });
      if (moves && ((await read.metadata()).pages ?? 1) === 1) return null;
      const image = (moves ? read : read.autoOrient())
        .resize({ width: maxEdge, height: maxEdge, fit: 'inside', withoutEnlargement: true })
        .toColourspace('srgb');
      const made = await image.webp(to).toBuffer();
      return moves && made.byteLength > longestAnimation ? null : made;
    } catch {
      return null;
    }
  }

  return { encode: (bytes, bounds) => pool.run(() => encode(bytes, bounds)) };
}
