/** Resolves once every promise callback that could run has run: microtasks end before immediates. */
export function settled(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
