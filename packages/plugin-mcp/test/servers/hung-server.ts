// Does not speak the protocol, and ends neither with its input nor when it is asked to.
process.on('SIGTERM', () => undefined);
setInterval(() => undefined, 60_000);
process.stdin.resume();
process.stderr.write(`pid ${process.pid}`);
