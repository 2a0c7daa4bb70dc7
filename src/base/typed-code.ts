/**
 * A code as it is compared, however a person typed it: `123 456`, `123-456`, with blanks around it, or in the full-width
 * digits of an East Asian keyboard. Letters keep their case.
 */
export const typedCode = (typed: string): string => typed.normalize('NFKC').replaceAll(/[\s\p{Cf}\p{Pd}]/gu, '');
