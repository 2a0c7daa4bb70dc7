import type { HexclaveEndpoint } from './endpoint.ts';
import * as anonymous from './endpoints/anonymous.ts';
import * as currentSession from './endpoints/current-session.ts';
import * as currentUser from './endpoints/current-user.ts';
import * as internalConfig from './endpoints/internal-config.ts';
import * as internalKeys from './endpoints/internal-keys.ts';
import * as internalProjects from './endpoints/internal-projects.ts';
import * as jwks from './endpoints/jwks.ts';
import * as password from './endpoints/password.ts';
import * as projects from './endpoints/projects.ts';
import * as root from './endpoints/root.ts';

/** Every operation of the dialect. */
export const routes: readonly HexclaveEndpoint[] = [
  root,
  projects,
  internalProjects,
  internalKeys,
  internalConfig,
  jwks,
  password,
  anonymous,
  currentSession,
  currentUser,
].flatMap((area) => Object.values(area));
