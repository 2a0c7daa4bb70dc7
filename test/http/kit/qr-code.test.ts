import { createHash } from 'node:crypto';
import { inflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { qrModules } from '../../../src/http/kit/qr-code.ts';
import { qrPng } from '../../../src/http/kit/qr-png.ts';

const drawn = (text: string): string =>
  qrModules(text)
    .map((row) => row.map((dark) => (dark ? '#' : '.')).join(''))
    .join('\n');

describe('QR codes (ISO/IEC 18004)', () => {
  // Codes of this and of the tests below were read back by an independent reader when they were written down.
  test('a short text is a code of version 1', () => {
    expect(drawn('otpauth')).toBe(
      [
        '#######.##..#.#######',
        '#.....#...#.#.#.....#',
        '#.###.#..#.##.#.###.#',
        '#.###.#.####..#.###.#',
        '#.###.#.###.#.#.###.#',
        '#.....#.####..#.....#',
        '#######.#.#.#.#######',
        '........#..##........',
        '#...#.###..#.#####..#',
        '.#.#.#.##.###....##..',
        '####.#######..####.#.',
        '..##.#..###..####..##',
        '.#.####.....###.##...',
        '........#...###.#.##.',
        '#######.#.#.##..##.#.',
        '#.....#....##..##..##',
        '#.###.#.#..#..##....#',
        '#.###.#..####..##.###',
        '#.###.#..#.#..#.#....',
        '#.....#..##..##.#....',
        '#######.#.#.####.#..#',
      ].join('\n'),
    );
  });

  const rows: readonly [bytes: number, side: number, digest: string][] = [
    [1, 21, '1968f60e71355997'],
    [14, 21, 'ca4e5f8669011ed0'],
    [100, 41, '898a791db8daf879'],
    [150, 49, '9782fa7f0642d3e6'],
    [700, 101, '8ad4806410186a33'],
    [2331, 177, 'b79a2ade5122c29e'],
  ];
  test.each(rows)('%i bytes are a code of %i modules', (bytes, side, digest) => {
    const modules = qrModules('x'.repeat(bytes));
    expect(modules).toHaveLength(side);
    const text = modules.map((row) => row.map((dark) => (dark ? '1' : '0')).join('')).join('\n');
    expect(createHash('sha256').update(text).digest('hex').slice(0, 16)).toBe(digest);
  });

  test('more than fits is refused', () => {
    expect(() => qrModules('x'.repeat(2332))).toThrow(RangeError);
  });

  test('as a PNG: black and white, with a quiet zone of four modules', () => {
    const png = qrPng('otpauth');
    expect(png.subarray(0, 8).toString('hex')).toBe('89504e470d0a1a0a');
    const side = (21 + 8) * 6;
    expect([png.readUInt32BE(16), png.readUInt32BE(20), png[24], png[25]]).toEqual([side, side, 1, 0]);
    const length = png.readUInt32BE(33);
    const pixels = inflateSync(png.subarray(41, 41 + length));
    const stride = 1 + Math.ceil(side / 8);
    const dark = (x: number, y: number) => ((pixels[y * stride + 1 + (x >> 3)]! >> (7 - (x & 7))) & 1) === 0;
    expect([dark(23, 24), dark(24, 23), dark(24, 24), dark(29, 29)]).toEqual([false, false, true, true]);
    expect(png.subarray(-12).toString('hex')).toBe('0000000049454e44ae426082');
  });
});
