import type { ServerActor } from '../../src/core/actor.ts';
import { projectServer } from '../../src/core/projects/project-server.ts';
import type { ServerLevel } from '../../src/core/projects/server-level.ts';

/** A service of the project whose key was checked. */
export const aServer = (level: ServerLevel = 'admin'): ServerActor =>
  projectServer(level, { ip: '192.0.2.9', userAgent: 'server' });
