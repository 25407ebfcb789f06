/**
 * Every provider that the sandbox stands in for, by what it does; the first of each is the default. A
 * name begins with the vendor's, as metrics have it.
 */
export const PROVIDER_NAMES = {
  stt: ['deepgram', 'deepgram-nova', 'elevenlabs', 'openai'],
  llm: ['gemini', 'openai', 'openai-chat'],
  tts: ['elevenlabs', 'elevenlabs-http', 'deepgram', 'deepgram-aura', 'openai'],
  realtime: ['gemini', 'openai'],
} as const;

type Names = typeof PROVIDER_NAMES;

/** What a provider does. */
export type Role = keyof Names;

/** The providers that can do something. */
export type ProviderName<R extends Role> = Names[R][number];

/** Three providers: one hears, one thinks, one speaks. */
export interface PipelineChoice {
  readonly stt: ProviderName<'stt'>;
  readonly llm: ProviderName<'llm'>;
  readonly tts: ProviderName<'tts'>;
}

/** One model that does all three. */
interface RealtimeChoice {
  readonly realtime: ProviderName<'realtime'>;
}

/** Which providers an agent is made of. */
export type ProviderChoice = PipelineChoice | RealtimeChoice;

/** What the example agent is made of where nothing else is said. */
export const DEFAULT_CHOICE: PipelineChoice = {
  stt: PROVIDER_NAMES.stt[0],
  llm: PROVIDER_NAMES.llm[0],
  tts: PROVIDER_NAMES.tts[0],
};

/** The value of the label `provider` in the metrics of a provider. */
export function vendorOf(name: ProviderName<Role>): string {
  return name.replace(/-.*/, '');
}

/** Whether its agent begins to answer before a turn is over: of these, only Flux tells that it may be. */
export function isEager(choice: ProviderChoice): boolean {
  return 'stt' in choice && choice.stt === 'deepgram';
}
