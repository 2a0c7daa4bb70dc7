import { type Conditions, mostConditionText, mostSignUpRules } from '../core/users/judge-sign-up.ts';

const none: Conditions = { about: () => () => false, problem: () => null };

/**
 * The conditions of a project's sign-up rules. Those of rules that are off are read too: switching one on surprises nobody.
 * CEL is loaded by projects that have conditions.
 * @param rules by id, a later one in place of an earlier one; null holds for everybody
 * @param onProblem is told, in a sentence, of each condition that cannot be asked, which then holds for nobody
 */
export async function readConditions(
  rules: readonly (readonly [id: string, condition: string | null])[],
  onProblem: (problem: string) => void,
): Promise<Conditions> {
  const all = new Map(rules);
  const asked = [...all].filter((rule): rule is [string, string] => rule[1] !== null);
  if (asked.length === 0) return none;
  const { celConditions } = await import('./cel-conditions.ts');
  const conditions = celConditions();
  const tooMany = all.size > mostSignUpRules;
  const tooLong = asked.reduce((sum, [, condition]) => sum + condition.length, 0) > mostConditionText;
  if (tooMany) onProblem(`A project has ${mostSignUpRules} sign-up rules at most, with those that are off.`);
  if (tooLong) onProblem(`The conditions of all sign-up rules have ${mostConditionText} characters at most.`);
  if (tooMany || tooLong) return conditions;
  for (const [id, condition] of asked) {
    const problem = conditions.problem(condition);
    if (problem !== null) onProblem(`The condition of the sign-up rule "${id}" cannot be asked: ${problem}.`);
  }
  return conditions;
}
