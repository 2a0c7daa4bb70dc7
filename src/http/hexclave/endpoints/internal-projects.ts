import { type Static, Type } from 'typebox';
import { Refusal } from '../../../base/refusal.ts';
import type { Context } from '../../../core/context.ts';
import { internalProjectId } from '../../../core/projects/directory.ts';
import { createProject, deleteProject, listProjects } from '../../../core/projects/manage-projects.ts';
import type { ConfigOverrides, LogoUrls } from '../../../core/projects/project-record.ts';
import { updateProject } from '../../../core/projects/write-config.ts';
import { json } from '../../kit/answer.ts';
import { adminProject, adminProjectWire } from '../admin-project-wire.ts';
import type { HexclaveCall } from '../call.ts';
import { without } from '../config/flatten.ts';
import { configProblems } from '../config/known-paths.ts';
import { configFields, fieldProblems, overridesOf } from '../config/project-fields.ts';
import { endpoint } from '../endpoint.ts';
import { Problems } from '../input-check.ts';
import { Fields, listOf, maxNote, Nullable, OneOf, success, url, uuid } from '../schemas.ts';

const tag = 'Administration';

const facts = {
  description: Type.Optional(Nullable(Type.String({ maxLength: maxNote }))),
  logo_url: Type.Optional(Nullable(url())),
  logo_full_url: Type.Optional(Nullable(url())),
  logo_dark_mode_url: Type.Optional(Nullable(url())),
  logo_full_dark_mode_url: Type.Optional(Nullable(url())),
  is_production_mode: Type.Optional(Type.Boolean()),
  // Every project is past its set-up: the steps of the original's dashboard are not kept.
  onboarding_status: Type.Optional(OneOf('completed')),
};
/** One line: it stands in subjects of mails. */
const displayName = () =>
  Type.String({ minLength: 1, maxLength: 256, pattern: '^[^\\u0000-\\u001f\\u007f-\\u009f\\u2028\\u2029]*$' });

/** Answered by reads, and taken back as they are: nobody changes them here. */
const fixed = {
  id: Type.Optional(Type.String()),
  created_at_millis: Type.Optional(Type.Integer()),
  owner_team_id: Type.Optional(Nullable(Type.String())),
};
const fixedConfig = { enabled_oauth_providers: Type.Optional(Type.Array(Fields({ id: Type.String() }))) };

const changes = Fields({
  display_name: Type.Optional(displayName()),
  ...{ ...facts, ...fixed },
  config: Type.Optional(Fields({ ...configFields.properties, ...fixedConfig })),
});
type Changes = Static<typeof changes>;

/** What new projects allow beside the preset (spec §4.3). */
const freshProject = { 'auth.allowSignUp': true, 'auth.password.allowSignIn': true, 'domains.allowLocalhost': true };

export const createNewProject = endpoint('POST /internal/projects', {
  needs: 'user',
  onlyWith: onlyInternal,
  operationId: 'createProject',
  summary: 'A new project, owned by a team of the caller',
  tag,
  body: Fields({ display_name: displayName(), owner_team_id: uuid(), ...facts, config: Type.Optional(configFields) }),
  replies: { 201: adminProject },
  async handle(call, me) {
    const { body, ctx } = call;
    const { overrides } = configOf(body, {});
    const made = await createProject(ctx, me, body.owner_team_id, {
      displayName: body.display_name,
      description: body.description ?? '',
      logoUrls: logosOf(body),
      production: body.is_production_mode ?? false,
      overrides: { ...freshProject, ...overrides },
    });
    const entry = (await ctx.directory.find(made.id))!;
    return json(await adminProjectWire(entry.context('hexclave'), entry, call.texts), 201);
  },
});

export const listOwnProjects = endpoint('GET /internal/projects', {
  needs: 'user',
  onlyWith: onlyInternal,
  operationId: 'listProjects',
  summary: 'The projects that teams of the caller own',
  tag,
  replies: { 200: listOf(adminProject) },
  async handle(call, me) {
    const items = [];
    for (const { id } of await listProjects(call.ctx, me)) {
      const entry = await call.ctx.directory.find(id);
      if (entry) items.push(await adminProjectWire(entry.context('hexclave'), entry, call.texts));
    }
    return json({ items, is_paginated: false });
  },
});

export const readProject = endpoint('GET /internal/projects/current', {
  needs: 'admin',
  operationId: 'getAdminProject',
  summary: 'The project and all of its configuration',
  tag,
  replies: { 200: adminProject },
  handle: async (call) => json(await adminProjectWire(call.ctx, call.project, call.texts)),
});

export const changeProject = endpoint('PATCH /internal/projects/current', {
  needs: 'admin',
  operationId: 'updateAdminProject',
  summary: 'Change the project or its configuration',
  tag,
  body: changes,
  replies: { 200: adminProject },
  async handle(call, me) {
    const { body, ctx } = call;
    await checkFixed(call, body);
    const { replaced, overrides } = configOf(body, call.project.config);
    const { logoUrls: known } = await ctx.store.read.project.read();
    await updateProject(ctx, me, {
      change: {
        ...(body.display_name !== undefined && { displayName: body.display_name }),
        ...(body.description !== undefined && { description: body.description ?? '' }),
        ...(body.is_production_mode !== undefined && { production: body.is_production_mode }),
        logoUrls: { ...known, ...logosOf(body) },
      },
      ...(body.config && { overrides: (held) => ({ ...without(held, replaced), ...overrides }) }),
    });
    return json(await adminProjectWire(ctx, call.project, call.texts));
  },
});

export const removeProject = endpoint('DELETE /internal/projects/current', {
  needs: 'admin',
  operationId: 'deleteAdminProject',
  summary: 'Delete the project',
  tag,
  replies: { 200: success },
  async handle(call, me) {
    await deleteProject(call.ctx, me);
    return json({ success: true });
  },
});

/** Only people of the project `internal` make projects. */
function onlyInternal({ project }: Context): void {
  if (project.id !== internalProjectId) throw new Refusal('internal_project_expected');
}

/** @throws Problems */
function configOf({ config = {} }: Pick<Changes, 'config'>, now: ConfigOverrides) {
  const read = overridesOf(config, now);
  const problems = [
    ...fieldProblems(config).map((line) => `body.config.${line}`),
    ...configProblems(read.overrides).map((line) => `body.config: ${line}`),
  ];
  if (problems.length > 0) throw new Problems(problems);
  return read;
}

/** @throws Problems naming what differs from what it is */
async function checkFixed(call: HexclaveCall, body: Changes): Promise<void> {
  const { config = {}, ...given } = body;
  const differs = (one: object, now: object) => (name: string) => {
    const [said, is] = [one, now].map((side) => (side as Record<string, unknown>)[name]);
    return said !== undefined && JSON.stringify(said) !== JSON.stringify(is);
  };
  const now = await adminProjectWire(call.ctx, call.project, call.texts);
  const wrong = [
    ...Object.keys(fixed).filter(differs(given, now)),
    ...Object.keys(fixedConfig)
      .filter(differs(config, now.config))
      .map((name) => `config.${name}`),
  ];
  if (wrong.length > 0) throw new Problems(wrong.map((name) => `body.${name} cannot be changed`));
}

function logosOf(body: Changes): LogoUrls {
  const { logo_url, logo_full_url, logo_dark_mode_url, logo_full_dark_mode_url } = body;
  return {
    ...(logo_url !== undefined && { logo: logo_url }),
    ...(logo_full_url !== undefined && { logoFull: logo_full_url }),
    ...(logo_dark_mode_url !== undefined && { logoDarkMode: logo_dark_mode_url }),
    ...(logo_full_dark_mode_url !== undefined && { logoFullDarkMode: logo_full_dark_mode_url }),
  };
}
