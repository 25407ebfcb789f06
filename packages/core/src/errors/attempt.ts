/**
 * Calls what a program has left with us, whose mistakes must not become ours: what it throws is handed
 * over, and so is what it rejects with, since every callback can be an async function.
 */
export function attempt(work: () => unknown, onMistake: (error: unknown) => void): void {
  try {
    const result = work();
    if (result instanceof Promise) result.catch(onMistake);
  } catch (error) {
    onMistake(error);
  }
}
