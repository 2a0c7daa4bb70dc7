import { setTimeout } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { Config } from './base/configuration.ts';
import { inBackground } from './base/in-background.ts';
import { offerFirstAdmin } from './core/projects/first-admin.ts';
import { closeWithin, listen } from './http/listen.ts';
import { createMetrics } from './http/ops/metrics.ts';
import { serveOps } from './http/ops/ops-routes.ts';
import { readiness } from './http/ops/readiness.ts';
import { createServer } from './http/server.ts';
import { createJobRunner } from './jobs/job-runner.ts';
import { systemEvery } from './jobs/timer.ts';
import { reportEveryMs, watchNodes } from './node-watch.ts';
import { openCore, type Stand } from './open-core.ts';
import type { OpenProject, OpenProjects } from './open-projects.ts';
import { serveSurfaces } from './serve-surfaces.ts';

/** How often last uses of sessions are written. */
const flushEveryMs = 5_000;
/** How soon a change of a project that another process made holds here. */
const refreshEveryMs = 1_000;
/** How exactly silent streams are noticed. */
const beatEveryMs = 1_000;
/** How soon a stream notices what no message told of. */
const checkStreamsEveryMs = 15_000;
/** How soon the database tidies up once nothing is written. */
const restEveryMs = 10_000;

export interface App {
  readonly http: FastifyInstance;
  readonly log: Logger;
  readonly projects: OpenProjects;
  /** The project that mounts belong to unless configured otherwise. */
  readonly mainProject: OpenProject;
  /** A fault that nobody caught. */
  countFault(): void;
  /** Runs every job that is due, in every project, until none is left. */
  drainJobs(): Promise<void>;
  /** Deletes what has ended, in every project. */
  sweep(): Promise<void>;
  /** Heartbeats that are due. */
  beat(): void;
  /** Streams look for events and ended rights that no message told of. */
  checkStreams(): void;
  /** The address it answers at. */
  listen(): Promise<string>;
  /** A link for the first administrator; null once somebody exists. */
  firstAdminLink(): Promise<string | null>;
  /** Says that it stops and serves on, so that whoever watches `/readyz` sends nothing here any more. */
  drain(): Promise<void>;
  /** Finishes requests and jobs in progress, then closes the store. */
  close(): Promise<void>;
}

/** Builds the server and joins its parts, top to bottom. With `openCore`, the place that knows all of them. */
export async function compose(config: Config, stand: Stand = {}): Promise<App> {
  const core = await openCore(config, stand, 'server');
  const { clock, random, log, store, vault, passwords, projects, onFault } = core;
  const jobs = createJobRunner({
    vault,
    clock,
    random,
    log,
    queues: () => projects.queues(),
    toSweep: () => projects.toSweep(),
    sweepShared: core.sweepShared,
  });
  core.onWork(() => jobs.wake());
  await core.bus?.start();
  const mainProject = projects.configured[0]!;

  const metrics = createMetrics();
  let faults = 0;
  const http = createServer({ config: config.http, log, clock, random, metrics });
  const ready = readiness(clock);
  serveOps(http, { ping: store.ping, metrics, metricsToken: config.http.metricsToken, readiness: ready });
  metrics.watch({
    hashQueue: passwords.depth,
    cachedSessions: () => projects.opened().reduce((sum, project) => sum + project.sessionCache.size(), 0),
    jobs: () => mainProject.store.read.jobs.counts(),
    openStreams: () => http.streams.count(),
    faults: () => faults,
  });
  await serveSurfaces(http, config, projects, store.keptMail);

  const flushUses = async () => {
    for (const { sessionUses } of projects.opened())
      await sessionUses.flush().catch((err) => onFault('last uses were not written', err));
  };
  if (!stand.jobsByHand) jobs.start();
  const stopFlushing = systemEvery(flushEveryMs, flushUses);
  const refresh = () => projects.refresh().catch((err) => onFault('changes of projects were not read', err));
  const stopRefreshing = systemEvery(refreshEveryMs, refresh);
  const severalNodes = config.database.engine === 'postgres' && !stand.jobsByHand;
  const nodes = severalNodes ? watchNodes({ ...core, config, id: core.node }) : null;
  const lookAtNodes = () => nodes && inBackground(nodes.look(), onFault, 'other nodes were not looked at');
  lookAtNodes();
  const stopLooking = systemEvery(reportEveryMs, lookAtNodes);
  const checkStreams = () => {
    for (const { liveLog } of projects.opened()) liveLog.check();
  };
  const stopBeating = systemEvery(beatEveryMs, () => http.streams.beat());
  const stopChecking = systemEvery(checkStreamsEveryMs, checkStreams);
  const rest = () => store.rest().catch((err) => onFault('the database could not tidy up', err));
  const stopResting = systemEvery(restEveryMs, rest);

  return {
    http,
    log,
    projects,
    mainProject,
    countFault() {
      faults += 1;
    },
    async drainJobs() {
      await jobs.drain();
    },
    sweep: () => jobs.sweep(),
    beat: () => http.streams.beat(),
    checkStreams,
    listen: () => listen(http, config.http),
    firstAdminLink: () => offerFirstAdmin(mainProject.context('pages')),
    async drain() {
      ready.stop();
      http.endConnections();
      if (ready.watched()) await setTimeout(config.http.drainSeconds * 1000);
    },
    async close() {
      ready.stop();
      await closeWithin(http, config.http.shutdownSeconds * 1000);
      stopLooking();
      await nodes?.leave().catch((err) => onFault('the other nodes were not told of the end', err));
      stopFlushing();
      stopRefreshing();
      stopBeating();
      stopChecking();
      stopResting();
      await jobs.stop(config.http.shutdownSeconds * 1000);
      await flushUses();
      await core.close();
    },
  };
}
