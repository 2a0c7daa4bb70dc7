import type { ServerActor } from '../../src/core/actor.ts';
import { projectServer, type ServerLevel } from '../../src/core/projects/project-server.ts';

/** A service of the project whose key was checked. */
export const aServer = (level: ServerLevel = 'admin'): ServerActor =>
  projectServer(level, { ip: '192.0.2.9', userAgent: 'server' });
