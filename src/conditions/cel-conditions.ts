import { createContext, Script } from 'node:vm';
import { Environment } from '@marcbachmann/cel-js';
import { Lru } from '../base/lru.ts';
import type { Conditions } from '../core/users/judge-sign-up.ts';

type Compiled = (facts: Readonly<Record<string, unknown>>) => unknown;

const rememberedConditions = 500;
/** Patterns of `matches` can be made to run for ever; a sign-up does not wait for one, nor for many. */
const withinMs = 50;

/**
 * Patterns, and what loops over lists. The rest takes as long as it is written, and a watch costs a thread, hundreds of
 * times as much.
 */
const mayTakeLong = /\b(?:matches|all|exists|exists_one|map|filter)\b/;

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
  const question = new Script('decide() === true');
  const sandbox = createContext({ decide: (): unknown => false });
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
    about(facts) {
      let leftMs = withinMs;
      return (condition) => {
        const decide = compile(condition);
        if (!decide || leftMs < 1) return false;
        const began = performance.now();
        try {
          if (!mayTakeLong.test(condition)) return decide(facts) === true;
          sandbox.decide = () => decide(facts);
          // The engine stops whatever runs on this thread when the time is over, also inside a regular expression.
          return question.runInContext(sandbox, { timeout: Math.floor(leftMs) }) === true;
        } catch {
          return false;
        } finally {
          leftMs -= performance.now() - began;
        }
      };
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
