import type { InvalidInput, Issue } from '../kit/validation.ts';

/** Issues in the wording that clients of the latest era show: `[body.email] Invalid input: …; …` (spec §1.2). */
export function validationText(input: InvalidInput): string {
  const told = new Set<string>();
  const texts: string[] = [];
  for (const issue of headIssues(input.issues)) {
    const place = issue.path === '' ? issue.part : `${issue.part}.${issue.path}`;
    if (told.has(place)) continue;
    told.add(place);
    texts.push(`[${place}] ${issueText(issue)}`);
  }
  return texts.join('; ');
}

/** A union that failed is one issue, not one for each of its branches. */
function headIssues(issues: readonly Issue[]): readonly Issue[] {
  const unions = issues.filter((issue) => issue.keyword === 'anyOf').map((issue) => issue.path);
  return issues.filter((issue) => issue.keyword === 'anyOf' || !unions.includes(issue.path));
}

function issueText(issue: Issue): string {
  switch (issue.keyword) {
    case 'required':
      return `Invalid input: expected ${String(issue.params.type ?? 'a value')}, received undefined`;
    case 'type':
      return `Invalid input: expected ${String(issue.params.type)}, received ${typeName(issue.value)}`;
    case 'minLength':
      return `Too small: expected string to have >=${String(issue.params.limit)} characters`;
    case 'maxLength':
      return `Too big: expected string to have <=${String(issue.params.limit)} characters`;
    case 'text':
      return `Invalid input: text ${issue.message}`;
    default:
      return 'Invalid input';
  }
}

function typeName(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}
