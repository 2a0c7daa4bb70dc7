/** Major version, as `engines` of package.json says it. */
export const neededNode = 24;

/**
 * Ends a process of an older Node.js before it meets what that cannot read. Whoever calls this imports everything else
 * afterwards, by `import()`; `scripts/compile-cache.js` asks the same for the sources, whose types an older one cannot strip.
 */
export function refuseOldNode(version: string = process.version): void {
  const problem = tooOld(version);
  if (problem === null) return;
  process.stderr.write(`${problem}\n`);
  process.exit(1);
}

export const tooOld = (version: string): string | null =>
  Number.parseInt(version.slice(1), 10) < neededNode
    ? `Latchkey needs Node.js ${neededNode} or newer, and this is ${version}. Install a newer one, or use the image.`
    : null;
