const ranges: Record<string, readonly [min: number, max: number]> = {
  stability: [0, 1],
  similarity_boost: [0, 1],
  style: [0, 1],
  speed: [0.7, 1.2],
};

/** Whether a value is what ElevenLabs takes for `voice_settings`. */
export function areVoiceSettings(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).every(([name, setting]) => {
    if (name === 'use_speaker_boost') return typeof setting === 'boolean';
    const [min, max] = ranges[name] ?? [1, 0];
    return typeof setting === 'number' && setting >= min && setting <= max;
  });
}
