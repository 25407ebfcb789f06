import { BACKCHANNELS } from '../conversation/backchannels.ts';
import { ConfigurationError } from '../errors/configuration-error.ts';
import { checkOptions, isNumber, isObject } from '../options/option-checks.ts';

/** When a user who speaks while the agent responds makes it stop. */
export interface InterruptionOptions {
  /** How long they have to speak before the agent falls silent, in milliseconds, 0 to 10000. @default 200 */
  readonly minSpeechMs?: number;
  /**
   * How many words of theirs cut the agent off, 0 to 20. 1: the agent falls silent at the sound of
   * speech, and words decide. More: it goes on until so many words were understood. 0: sound is
   * enough. @default 1
   */
  readonly minWords?: number;
  /**
   * What listeners say to show that they listen ("uh-huh"), by language, such as `{ en: ['mhm'] }`: it
   * neither stops the agent nor is it answered. @default lists for ten languages
   */
  readonly backchannels?: Readonly<Record<string, readonly string[]>>;
  /**
   * How long the agent stays silent for a sound that no word follows, in milliseconds, 0 to 60000;
   * then it goes on where it stopped. @default 2000
   */
  readonly falseAlarmMs?: number;
}

/** The options with their defaults. @throws ConfigurationError which names the option that cannot work */
export function interruptionSettings(options: InterruptionOptions): Required<InterruptionOptions> {
  checkOptions('Agent.interruption', options, {
    minSpeechMs: isNumber({ min: 0, max: 10_000 }),
    minWords: isNumber({ min: 0, max: 20, integer: true }),
    backchannels: isObject(),
    falseAlarmMs: isNumber({ min: 0, max: 60_000 }),
  });
  const backchannels = options.backchannels ?? BACKCHANNELS;
  for (const [language, list] of Object.entries(backchannels)) {
    if (Array.isArray(list) && list.every((phrase) => typeof phrase === 'string')) continue;
    throw new ConfigurationError(
      'backchannels',
      `the option \`backchannels\` of Agent.interruption must have a list of phrases for "${language}"`,
    );
  }
  return {
    minSpeechMs: options.minSpeechMs ?? 200,
    minWords: options.minWords ?? 1,
    backchannels,
    falseAlarmMs: options.falseAlarmMs ?? 2000,
  };
}
