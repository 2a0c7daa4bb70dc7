/** What an image may cost before and after it is decoded. */
export interface ImageBounds {
  /** Width by height of what arrives, as its header says. */
  readonly maxPixels: number;
  /** The result fits a square of this side; smaller images are not enlarged. */
  readonly maxEdge: number;
}

/** Makes a WebP image of what somebody sent, upright and without metadata. What moves goes on moving. */
export interface ImageEncoder {
  /**
   * @returns null when the bytes are no whole image within the bounds
   * @throws Refusal busy
   */
  encode(bytes: Uint8Array, bounds: ImageBounds): Promise<Uint8Array | null>;
}
