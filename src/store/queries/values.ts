import type { Metadata, MetadataObject } from '../../core/metadata.ts';
import type { Bit, JsonText } from '../schema.ts';

export const bit = (value: boolean): Bit => (value ? 1 : 0);
export const jsonText = (value: MetadataObject): JsonText | null => (value === null ? null : JSON.stringify(value));
/** What is stored was bounded when it was written. */
export const jsonObject = (text: JsonText | null): MetadataObject =>
  text === null ? null : (JSON.parse(text) as MetadataObject);

/** JSON null and no value at all are one here: SQL NULL. */
export const jsonValueText = (value: Metadata): JsonText | null => (value === null ? null : JSON.stringify(value));
export const jsonValue = (text: JsonText | null): Metadata => (text === null ? null : (JSON.parse(text) as Metadata));

/** How many rows an UPDATE or DELETE without RETURNING touched. */
export const touched = (result: { numUpdatedRows?: bigint; numDeletedRows?: bigint }): number =>
  Number(result.numUpdatedRows ?? result.numDeletedRows ?? 0n);
