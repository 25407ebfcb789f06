import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { ProviderError } from '@vision-agents/core';
import { describe, expect, onTestFinished, test } from 'vitest';

import { TurnDetector } from '../src/index.ts';
import { loadModel } from '../src/silero-model.ts';

const require = createRequire(import.meta.url);
const resolve = (file: string): string => require.resolve(`@ricky0123/vad-web/dist/${file}`);

describe('the model', () => {
  test('is loaded once in a process, at the same time too', async () => {
    const [first, second] = await Promise.all([loadModel(), loadModel()]);
    expect(second).toBe(first);
    expect(await loadModel(resolve('silero_vad_v5.onnx'))).toBe(first);
    expect(await loadModel(resolve('silero_vad_v6.onnx'))).not.toBe(first);
  });

  test('is loaded from a file that was not there the first time', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'silero-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const path = join(folder, 'model.onnx');
    await expect(loadModel(path)).rejects.toThrow('cannot be read');
    await copyFile(resolve('silero_vad_v5.onnx'), path);
    await expect(loadModel(path)).resolves.toHaveProperty('session');
  });

  test.for([
    ['that is not there', 'no-such-model.onnx', 'model_unreadable', 'cannot be read'],
    ['that is a folder', '.', 'model_unreadable', 'cannot be read'],
    ['that is no model', 'package.json', 'model_invalid', 'no Silero model'],
    ['of version 4', resolve('silero_vad_legacy.onnx'), 'model_invalid', 'no Silero model'],
  ] as const)('in a file %s is refused each time', async ([, modelPath, providerCode, message]) => {
    const detector = new TurnDetector({ modelPath });
    for (const attempt of [1, 2]) {
      const error: unknown = await detector
        .open(() => undefined)
        .catch((thrown: unknown) => thrown);
      expect(error, `attempt ${attempt}`).toBeInstanceOf(ProviderError);
      expect(error).toMatchObject({ provider: 'silero', type: 'bad_request', providerCode });
      expect(String(error)).toContain(message);
    }
  });
});

test.for(['onnxruntime-node', '@ricky0123/vad-web'])(
  '%s installs without a script, which could download',
  async (name) => {
    const manifest: unknown = JSON.parse(
      await readFile(new URL(`../node_modules/${name}/package.json`, import.meta.url), 'utf8'),
    );
    expect(manifest).toMatchObject({ name, scripts: {} });
    for (const script of ['preinstall', 'install', 'postinstall']) {
      expect(manifest).not.toHaveProperty(['scripts', script]);
    }
  },
);
