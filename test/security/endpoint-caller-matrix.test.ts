import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { routesFor } from '../../src/http/axumkit/routes.ts';
import { allRoutes } from '../../src/http/better-auth/routes.ts';
import { routes as hexclaveRoutes } from '../../src/http/hexclave/routes.ts';
import { CallerMatrix, routeOf } from '../kit/caller-matrix.ts';
import { axumKitMatrix } from './matrix/axumkit.ts';
import { betterAuthMatrix } from './matrix/better-auth.ts';
import { hexclaveMatrix } from './matrix/hexclave.ts';
import { type MatrixWorld, matrixWorld } from './matrix/world.ts';

const development = { development: true, baseUrl: 'http://localhost/axumkit' };
/** Only the project `internal` has this. */
const madeInternally = '/internal/projects';
const dialects = [
  { name: 'better-auth', project: 'default', endpoints: allRoutes, matrixOf: betterAuthMatrix },
  {
    name: 'axumkit',
    project: 'default',
    endpoints: routesFor(development, 'http://localhost', () => ({})),
    matrixOf: axumKitMatrix,
  },
  {
    name: 'hexclave',
    project: 'default',
    endpoints: hexclaveRoutes.filter(({ path }) => path !== madeInternally),
    matrixOf: hexclaveMatrix,
  },
  {
    name: 'hexclave-internal',
    project: 'internal',
    endpoints: hexclaveRoutes.filter(({ path }) => path === madeInternally),
    matrixOf: hexclaveMatrix,
  },
];

/**
 * Every endpoint by every kind of caller. What is expected follows from what the endpoint says that it needs; the files
 * beside are for reviewers, who see in them what a new endpoint lets in, and which changes an administrator cannot make
 * who looks through somebody's eyes.
 */
describe.each(dialects)('who may call $name', ({ name, project, endpoints, matrixOf }) => {
  let opened: MatrixWorld;
  let matrix: CallerMatrix<never>;
  beforeAll(async () => {
    opened = await matrixWorld(name, project);
    matrix = new CallerMatrix((await matrixOf(opened)) as never);
  });
  afterAll(() => opened?.world.close());

  for (const endpoint of endpoints) {
    test(routeOf(endpoint), () => matrix.try(endpoint as never));
  }

  test('is what was reviewed', async () => {
    await expect(matrix.table()).toMatchFileSnapshot(`./matrix/${name}.txt`);
  });

  test('nothing of all this was a fault to the server', () => {
    expect(opened.world.logged.filter((line) => line.includes('fault'))).toEqual([]);
  });
});
