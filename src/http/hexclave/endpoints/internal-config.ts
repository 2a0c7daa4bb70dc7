import { Type } from 'typebox';
import type { ServerActor } from '../../../core/actor.ts';
import type { Context } from '../../../core/context.ts';
import type { ConfigLevel, ConfigOverrides } from '../../../core/projects/project-record.ts';
import { readOwnLevel, refuseLevelSize, updateProject } from '../../../core/projects/write-config.ts';
import { json } from '../../kit/answer.ts';
import type { HexclaveCall } from '../call.ts';
import { flatten, isEmptyBranch, patched, without } from '../config/flatten.ts';
import { configProblems } from '../config/known-paths.ts';
import { renderedPermissions, renderedTree } from '../config/rendered.ts';
import { endpoint } from '../endpoint.ts';
import { Problems } from '../input-check.ts';
import { Fields, OneOf, success } from '../schemas.ts';
import { text } from '../wire-error.ts';

const tag = 'Administration';
const params = Fields({ level: OneOf('project', 'branch', 'environment') });
const configText = Type.Object({ config_string: Type.String() });
const refusals = { self_only: text(403, 'Server access can only manage branch config overrides.') };

export const readConfig = endpoint('GET /internal/config', {
  needs: 'admin',
  operationId: 'getConfig',
  summary: 'The configuration as it stands, defaults included, as JSON text',
  tag,
  replies: { 200: configText },
  handle: async (call) => json({ config_string: JSON.stringify(await renderedTree(call.ctx, call.project)) }),
});

export const readOverride = endpoint('GET /internal/config/override/:level', {
  needs: 'server',
  operationId: 'getConfigOverride',
  summary: 'What one level says, as JSON text',
  tag,
  params,
  replies: { 200: configText },
  refusals,
  async handle(call, me) {
    return json({ config_string: JSON.stringify(await readOwnLevel(call.ctx, me, call.params.level)) });
  },
});

export const replaceOverride = endpoint('PUT /internal/config/override/:level', {
  needs: 'server',
  operationId: 'setConfigOverride',
  summary: 'Replace what one level says',
  tag,
  params,
  body: Fields({ config_string: Type.String(), source: Type.Optional(Type.Unknown()) }),
  replies: { 200: success },
  refusals,
  async handle(call, me) {
    const overrides = await readJson(call, call.body.config_string, 'config_string');
    return write(call, me, call.params.level, () => patched({}, overrides));
  },
});

export const patchOverride = endpoint('PATCH /internal/config/override/:level', {
  needs: 'server',
  operationId: 'updateConfigOverride',
  summary: 'Change paths of one level; null removes one',
  tag,
  params,
  body: Fields({ config_override_string: Type.String() }),
  replies: { 200: success },
  refusals,
  async handle(call, me) {
    const patch = await readJson(call, call.body.config_override_string, 'config_override_string');
    return write(call, me, call.params.level, (held) => patched(held, patch));
  },
});

export const resetKeys = endpoint('POST /internal/config/override/:level/reset-keys', {
  needs: 'server',
  operationId: 'resetConfigOverrideKeys',
  summary: 'Forget paths of one level',
  tag,
  params,
  body: Fields({ keys: Type.Array(Type.String()) }),
  replies: { 200: success },
  refusals,
  handle: (call, me) => write(call, me, call.params.level, (held) => without(held, call.body.keys)),
});

async function write(
  call: HexclaveCall,
  me: ServerActor,
  level: ConfigLevel,
  overrides: (held: ConfigOverrides) => ConfigOverrides,
) {
  await updateProject(call.ctx, me, { level, overrides });
  return json({ success: true });
}

/** @throws Problems */
async function readJson({ ctx }: HexclaveCall, source: string, field: string): Promise<ConfigOverrides> {
  const problem = refuseLevelSize(source);
  if (problem) throw problem;
  const given = parsed(source);
  if (!given) throw new Problems([`body.${field} must be the JSON text of an object`]);
  const overrides = await withoutDefinitions(ctx, given);
  const problems = configProblems(overrides);
  if (problems.length > 0) throw new Problems(problems.map((line) => `body.${field}: ${line}`));
  return Object.fromEntries(Object.entries(overrides).filter(([, value]) => !isEmptyBranch(value)));
}

/** Permission definitions have endpoints of their own; whoever writes back what a read answered changes none. */
async function withoutDefinitions(ctx: Context, given: ConfigOverrides): Promise<ConfigOverrides> {
  if (!Object.keys(given).some((path) => path.startsWith('rbac.permissions.'))) return given;
  const defined = await renderedPermissions(ctx);
  return Object.fromEntries(
    Object.entries(given).filter(([path, value]) => !Object.hasOwn(defined, path) || defined[path] !== value),
  );
}

function parsed(source: string): ConfigOverrides | null {
  try {
    const tree: unknown = JSON.parse(source);
    return typeof tree === 'object' && tree !== null && !Array.isArray(tree)
      ? flatten(tree as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}
