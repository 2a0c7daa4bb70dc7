import type { HexclaveEndpoint } from './endpoint.ts';
import * as anonymous from './endpoints/anonymous.ts';
import * as currentSession from './endpoints/current-session.ts';
import * as currentUser from './endpoints/current-user.ts';
import * as jwks from './endpoints/jwks.ts';
import * as password from './endpoints/password.ts';
import * as projects from './endpoints/projects.ts';
import * as root from './endpoints/root.ts';

/** Every operation of the dialect. */
export const routes: readonly HexclaveEndpoint[] = [
  root,
  projects,
  jwks,
  password,
  anonymous,
  currentSession,
  currentUser,
].flatMap((area) => Object.values(area));
