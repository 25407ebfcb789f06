import { describe, expect, test } from 'vitest';

import type { ComponentContext, Tool } from '../../src/index.ts';
import { tool } from '../../src/index.ts';
import { RecordingLogger } from '../../src/testing/index.ts';
import type { ToolSource, ToolSourceSession } from '../../src/tools/tool-source.ts';
import { mergeTools, openToolSources } from '../../src/tools/tool-source.ts';
import { CITY_INPUT } from '../fakes/city-input.ts';

function toolThat(description: string): Tool {
  return tool({ description, input: CITY_INPUT, execute: () => description });
}

/** A source that opens when the test says so. */
class FakeSource implements ToolSource {
  readonly name: string;
  readonly optional: boolean;
  readonly opening: PromiseWithResolvers<void> = Promise.withResolvers<void>();
  readonly #toolNames: readonly string[];
  context: ComponentContext | undefined;
  closeCount = 0;

  constructor(name: string, toolNames: readonly string[], optional = false) {
    this.name = name;
    this.optional = optional;
    this.#toolNames = toolNames;
  }

  async open(context: ComponentContext): Promise<ToolSourceSession> {
    this.context = context;
    context.signal?.addEventListener('abort', () => this.opening.reject(context.signal?.reason));
    await this.opening.promise;
    const close = async (): Promise<void> => {
      this.closeCount += 1;
      if (this.name === 'clumsy') throw new Error('closed badly');
    };
    const tools = Object.fromEntries(this.#toolNames.map((name) => [name, toolThat(this.name)]));
    return { tools, close, [Symbol.asyncDispose]: close };
  }
}

describe('tools that are put together', () => {
  test('are the own ones and those of all sources', () => {
    const weather = toolThat('weather');
    const time = toolThat('time');
    const shop = toolThat('shop');
    const sources = [
      { name: 'clock', tools: { time } },
      { name: 'shop', tools: { shop } },
    ];
    expect(mergeTools({ weather }, sources)).toEqual({ weather, time, shop });
  });

  test('keep a name that objects know as their own', () => {
    const strange = toolThat('strange');
    const merged = mergeTools({}, [{ name: 'odd', tools: { ['__proto__']: strange } }]);
    expect(Object.entries(merged)).toEqual([['__proto__', strange]]);
  });

  test.each([
    ['the option `tools`', 'one of the option `tools` and one of clock', ['clock']],
    ['another source', 'one of clock and one of watch', ['clock', 'watch']],
  ])('with a name that clashes with one of %s are refused with both', (_, both, owners) => {
    const own = owners.length === 1 ? { time: toolThat('own') } : {};
    const sources = owners.map((name) => ({ name, tools: { time: toolThat(name) } }));
    const expected = { option: 'toolSources', message: `two tools have the name "time": ${both}` };
    expect(() => mergeTools(own, sources)).toThrow(expect.objectContaining(expected));
  });

  test('with a name that no provider takes are refused with their source', () => {
    const sources = [{ name: 'clock', tools: { 'the time': toolThat('clock') } }];
    expect(() => mergeTools({}, sources)).toThrow(
      /^clock has a tool with the name "the time"; a name has /,
    );
  });
});

describe('sources of tools', () => {
  test('are opened side by side and keep the order in which they were given', async () => {
    const slow = new FakeSource('slow', ['b', 'a']);
    const fast = new FakeSource('fast', ['c']);
    const opening = openToolSources({ own: toolThat('own') }, [slow, fast], {});
    fast.opening.resolve();
    await fast.opening.promise;
    slow.opening.resolve();
    await using session = await opening;
    expect(Object.keys(session.tools)).toEqual(['own', 'b', 'a', 'c']);
  });

  test('get the context of the call', async () => {
    const source = new FakeSource('clock', []);
    const logger = new RecordingLogger();
    source.opening.resolve();
    const session = await openToolSources({}, [source], { logger });
    expect(source.context).toMatchObject({ logger });
    await session.close();
  });

  test('are closed once, all of them, whatever one of them throws', async () => {
    const sources = [new FakeSource('clumsy', []), new FakeSource('clock', ['time'])];
    for (const { opening } of sources) opening.resolve();
    const session = await openToolSources({}, sources, {});
    await Promise.all([session.close(), session.close()]);
    await session.close();
    expect(sources.map(({ closeCount }) => closeCount)).toEqual([1, 1]);
  });

  test('live until the call is aborted', async () => {
    const call = new AbortController();
    const source = new FakeSource('clock', []);
    source.opening.resolve();
    const session = await openToolSources({}, [source], { signal: call.signal });
    const reason = new Error('the call ended');
    call.abort(reason);
    expect(source.context?.signal?.reason).toBe(reason);
    await session.close();
  });

  test('fail with the one that fails, which stops and closes the others', async () => {
    const broken = new FakeSource('broken', []);
    const open = new FakeSource('open', []);
    const slow = new FakeSource('slow', []);
    open.opening.resolve();
    const opening = openToolSources({}, [open, slow, broken], {});
    const error = new Error('no such server');
    broken.opening.reject(error);
    await expect(opening).rejects.toBe(error);
    expect(slow.context?.signal?.reason).toBe(error);
    expect([open, slow, broken].map(({ closeCount }) => closeCount)).toEqual([1, 0, 0]);
  });

  test('that are optional are left out with a warning', async () => {
    const broken = new FakeSource('broken', ['time'], true);
    const fine = new FakeSource('fine', ['weather']);
    const logger = new RecordingLogger();
    const error = new Error('no such server');
    broken.opening.reject(error);
    fine.opening.resolve();
    await using session = await openToolSources({}, [broken, fine], { logger });
    expect(Object.keys(session.tools)).toEqual(['weather']);
    expect(logger.entries).toMatchObject([{ level: 'warn', fields: { source: 'broken', error } }]);
  });

  test('are closed when their names clash', async () => {
    const sources = [new FakeSource('clock', ['time']), new FakeSource('watch', ['time'])];
    for (const { opening } of sources) opening.resolve();
    await expect(openToolSources({}, sources, {})).rejects.toThrow('clock and one of watch');
    expect(sources.map(({ closeCount }) => closeCount)).toEqual([1, 1]);
  });

  test.each([false, true])(
    'are given up when the call ends meanwhile (optional: %s)',
    async (optional) => {
      const call = new AbortController();
      const slow = new FakeSource('slow', [], optional);
      const open = new FakeSource('open', []);
      const logger = new RecordingLogger();
      open.opening.resolve();
      const opening = openToolSources({}, [slow, open], { signal: call.signal, logger });
      await open.opening.promise;
      const reason = new Error('the call ended');
      call.abort(reason);
      await expect(opening).rejects.toBe(reason);
      expect(open.closeCount).toBe(1);
      expect(logger.entries).toEqual([]);
    },
  );

  test('are not opened for a call that is over', async () => {
    const reason = new Error('the call ended');
    const source = new FakeSource('clock', []);
    source.opening.resolve();
    const opening = openToolSources({}, [source], { signal: AbortSignal.abort(reason) });
    await expect(opening).rejects.toBe(reason);
    expect(source.context).toBeUndefined();
  });
});
