import { runInNewContext } from 'node:vm';
import { Environment } from '@marcbachmann/cel-js';
import { Lru } from '../base/lru.ts';
import type { Conditions } from '../core/users/judge-sign-up.ts';

type Compiled = (facts: Readonly<Record<string, unknown>>) => unknown;

const rememberedConditions = 500;
/** Patterns of `matches` can be made to run for ever; a sign-up does not wait for one. */
const withinMs = 50;

const variables = {
  email: 'string',
  emailDomain: 'string',
  countryCode: 'string',
  authMethod: 'string',
  oauthProvider: 'string',
  riskScores: 'map',
} as const;

/** Conditions in the Common Expression Language, as far as it is about text and numbers. */
export function celConditions(): Conditions {
  const environment = new Environment({ limits: { maxAstNodes: 1000, maxDepth: 50 } });
  for (const [name, type] of Object.entries(variables)) environment.registerVariable(name, type);
  const compiled = new Lru<string, Compiled | null>(rememberedConditions);

  function compile(condition: string): Compiled | null {
    const known = compiled.get(condition);
    if (known !== undefined) return known;
    let made: Compiled | null;
    try {
      const parsed = environment.parse(condition);
      made = parsed.check().valid ? parsed : null;
    } catch {
      made = null;
    }
    compiled.set(condition, made);
    return made;
  }

  return {
    holds(condition, facts) {
      const decide = compile(condition);
      if (!decide) return false;
      try {
        // The engine stops whatever runs on this thread when the time is over, also inside a regular expression.
        return runInNewContext('decide() === true', { decide: () => decide(facts) }, { timeout: withinMs }) === true;
      } catch {
        return false;
      }
    },

    problem(condition) {
      try {
        const { valid, error } = environment.parse(condition).check();
        return valid ? null : (error?.message.split('\n')[0] ?? 'is not a condition');
      } catch (fault) {
        return (fault as Error).message.split('\n')[0]!;
      }
    },
  };
}
