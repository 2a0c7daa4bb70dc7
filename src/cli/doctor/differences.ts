import type { Clock } from '../../base/clock.ts';
import type { Config } from '../../base/configuration.ts';
import { compareWithNodes } from '../../node-watch.ts';
import type { OpenStore } from '../../store/open-store.ts';
import { type Finding, ok, warn } from './finding.ts';

/** Whether the nodes that run are configured as this machine is, and agree on the time. */
export async function nodeDifferences(config: Config, store: OpenStore, clock: Clock): Promise<readonly Finding[]> {
  // Without a secret nothing can be compared; that it is missing is another finding.
  if (config.secrets.current === '') return [];
  const running = await compareWithNodes(config, store, clock);
  if (running.length === 0) return [];
  const found = running.flatMap(({ name, differences }) =>
    differences.map(({ what, settings, seconds }) =>
      what === 'clock'
        ? warn(`The clock of ${name} is ${seconds} s from this machine's`, 'Set both by NTP.')
        : warn(
            `The server ${name} is configured otherwise: ${settings!.join(', ')}`,
            'Give all nodes the same environment and file, and start them again.',
          ),
    ),
  );
  return found.length > 0 ? found : [ok(`Servers that run are configured as this machine is: ${running.length}`)];
}
