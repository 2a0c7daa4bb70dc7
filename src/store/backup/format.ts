import type { EngineName } from '../engine-name.ts';

/*
 * A backup is a Zstandard stream (RFC 8878) between two skippable frames, which `zstd -d` passes over:
 *
 *   frame "latchkey-backup 1\n"     the version of this format
 *   frames of compressed lines      JSON, one value a line
 *   frame "sha256 <64 hex>\n"       digest of every byte before this frame
 *
 * The lines, in order: the header; for each part a line that opens it, a line for each row, and a line with the count and
 * the digest of the part; a last line that repeats counts and digests of all parts. A part is a table, parents before
 * children, or the stored files.
 */

export const formatVersion = 1;

/** The part that holds stored files. No table has a name with a blank. */
export const filesPart = 'stored files';

export interface BackupHeader {
  /** ISO 8601, UTC. */
  readonly takenAt: string;
  /** Version of Latchkey. */
  readonly takenBy: string;
  readonly engine: EngineName;
  /** The schema: every migration that was applied. */
  readonly migrations: readonly { readonly name: string; readonly checksum: string }[];
  /** Null when no secret was configured. */
  readonly secrets: SecretChecks | null;
  /** Names of the parts that follow, in order. */
  readonly parts: readonly string[];
}

/** Tells whether another installation has the same secrets, and nothing about them. */
export interface SecretChecks {
  readonly salt: string;
  /** HMAC of the salt under each secret, the current one first. In base64. */
  readonly macs: readonly string[];
}

export interface PartOpening {
  readonly part: string;
  readonly columns: readonly string[];
}

/** `sha256` covers the opening line and the rows, each with its line end. */
export interface PartClosing {
  readonly closed: string;
  readonly rows: number;
  readonly sha256: string;
}

export interface BackupClosing {
  readonly parts: readonly PartClosing[];
  /** Files whose rows were copied and whose bytes were not there, or were not those of the row. */
  readonly filesMissing: number;
  readonly filesDamaged: number;
}

const skippableMagic = 0x184d2a50;
const frameHead = 8;

/** A frame that decompressors skip (RFC 8878, 3.1.2). */
export function skippableFrame(text: string): Buffer {
  const frame = Buffer.alloc(frameHead + Buffer.byteLength(text));
  frame.writeUInt32LE(skippableMagic, 0);
  frame.writeUInt32LE(frame.length - frameHead, 4);
  frame.write(text, frameHead);
  return frame;
}

/** Its text; null when the bytes are no such frame. */
export function frameText(frame: Buffer): string | null {
  if (frame.length < frameHead || frame.readUInt32LE(0) !== skippableMagic) return null;
  if (frame.readUInt32LE(4) !== frame.length - frameHead) return null;
  return frame.toString('latin1', frameHead);
}

export const headFrame = (): Buffer => skippableFrame(`latchkey-backup ${formatVersion}\n`);
/** The version number has one digit until there is a tenth format. */
export const headLength = headFrame().length;

export const tailFrame = (sha256: string): Buffer => skippableFrame(`sha256 ${sha256}\n`);
export const tailLength = tailFrame('0'.repeat(64)).length;

/** A stored file travels as one line. Images are a few megabytes; anything longer than this is no line of a backup. */
export const longestLine = 128 * 1024 * 1024;
