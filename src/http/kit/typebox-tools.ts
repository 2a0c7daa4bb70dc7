import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/**
 * The parts of TypeBox that look at values. They are five hundred modules and 8 MB, and a third of the time of a start
 * without compiled code at hand, so they are loaded by the first request that brings something to validate.
 */
export const typeboxTools = () => ({
  compile: (require('typebox/compile') as typeof import('typebox/compile')).Compile,
  convert: (require('typebox/value') as typeof import('typebox/value')).Convert,
});
