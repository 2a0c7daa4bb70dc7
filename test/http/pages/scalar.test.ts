import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findScalar } from '../../../src/http/pages/scalar.ts';
import { removeScratch, scratchFolder } from '../../kit/scratch-folder.ts';
import { onOneEngine } from '../../kit/stage.ts';

describe('the script that shows the documents', () => {
  const built = (fill: (pages: string) => void) => {
    const folder = scratchFolder('scalar');
    const pages = join(folder, 'dist/http/pages');
    mkdirSync(pages, { recursive: true });
    fill(pages);
    try {
      return findScalar(pages)?.url ?? null;
    } finally {
      removeScratch(folder);
    }
  };
  const put = (folder: string, version: string) => {
    mkdirSync(join(folder, 'dist/browser'), { recursive: true });
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ version }));
    writeFileSync(join(folder, 'dist/browser/standalone.js'), '');
  };

  test('is beside the built server, or in a package of whoever develops it', () => {
    expect(built((pages) => put(join(pages, 'scalar'), '1.2.3'))).toBe('/-/scalar-1.2.3.js');
    const installed = (pages: string) => put(join(pages, '../../../node_modules/@scalar/api-reference'), '1.2.4');
    expect(built(installed)).toBe('/-/scalar-1.2.4.js');
  });

  test('or nowhere: then there is the plain list', () => {
    expect(built(() => {})).toBeNull();
    expect(built((pages) => cpSync(import.meta.filename, join(pages, 'scalar.js')))).toBeNull();
  });
});

onOneEngine('The page of operations', {}, (stage) => {
  const get = (path: string) => fetch(`${stage.world.url}${path}`);

  test('loads one script, of this server, which browsers may keep', async () => {
    const page = await (await get('/docs')).text();
    const sources = [...page.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, url]) => url!);
    expect(sources.filter((url) => !/^(?:\/|data:)/.test(url))).toEqual([]);
    const script = await get(sources.find((url) => url.endsWith('.js'))!);
    expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(script.headers.get('cache-control')).toContain('immutable');
    expect((await script.text()).length).toBeGreaterThan(1_000_000);
  });

  test('has the documents of every API on its own address, as they are published', async () => {
    for (const name of ['better-auth', 'hexclave', 'axumkit']) {
      const [own, published] = await Promise.all([get(`/docs/${name}.json`), get(`/${name}/openapi.json`)]);
      expect(await own.json()).toEqual(await published.json());
    }
    expect((await get('/docs/other.json')).status).toBe(404);
  });

  test('has a plain list beside it', async () => {
    const list = await (await get('/docs/list')).text();
    expect(list).toContain('/sign-up/email');
    expect(list).not.toContain('<script');
  });
});
