import type { OpenProject } from '../../../src/open-projects.ts';
import { oneEngine } from '../../kit/engines.ts';
import { aProject, defaultBetterAuth, everyPlugin } from '../../kit/test-config.ts';
import { createWorld, type World } from '../../kit/world.ts';
import { serviceToken } from './better-auth.ts';

export interface MatrixWorld {
  readonly world: World;
  /** The project that callers speak to. */
  readonly project: OpenProject;
  /** A project whose sessions and keys are worth nothing in the main one. */
  readonly other: OpenProject;
}

const policy = {
  emailVerification: 'required',
  'users.selfDeletion': true,
  'organizations.teams': true,
  'organizations.dynamicRoles': true,
};
const betterAuth = { ...defaultBetterAuth, ...everyPlugin, apiKeysActAsOwner: true, serviceToken };

/** Two projects in which everything is switched on. */
export async function matrixWorld(title: string, key: string): Promise<MatrixWorld> {
  const world = await createWorld({
    engine: oneEngine(title)[0]!,
    contract: false, // many of these requests are only good enough to be let in
    http: { trustedProxies: ['127.0.0.1'] },
    projects: [
      aProject({ policy, betterAuth }),
      aProject({ key: 'other', policy, betterAuth }),
      aProject({ key: 'internal', id: 'internal', displayName: 'Stack Dashboard', policy, betterAuth }),
    ],
  });
  const projectOf = (name: string) => world.app.projects.configured.find(({ configured }) => configured.key === name)!;
  return { world, project: projectOf(key), other: projectOf('other') };
}
