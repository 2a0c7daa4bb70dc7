import { isProjectName } from '../../base/project-name.ts';
import { type Refusal, refuse } from '../../base/refusal.ts';

/** A step of whatever names a project. @returns input_invalid */
export const refuseProjectName = (name: string | undefined): Refusal | null =>
  name === undefined || isProjectName(name)
    ? null
    : refuse('input_invalid', { field: 'display_name must be one line of 1 to 256 characters' });
