import { afterEach, describe, expect, test } from '@jest/globals';
import { BodyIntake } from '../../../src/programs/api/middleware/body-intake.ts';

const limits = { maxBodyBytes: 1000, maxHeldBytes: 50_000, timeoutMs: 60_000 };
const open: ReadableStreamDefaultController<Uint8Array>[] = [];
afterEach(() => {
  for (const controller of open.splice(0)) controller.error(new Error('the test is over'));
});

/** A request whose body the test sends chunk by chunk. */
function sender(): { request: Request; send(bytes: number): void; end(): void } {
  let controller!: ReadableStreamDefaultController<Uint8Array>;
  const body = new ReadableStream<Uint8Array>({
    start(given) {
      controller = given;
    },
  });
  open.push(controller);
  const request = new Request('http://localhost', { method: 'POST', body, duplex: 'half' } as RequestInit);
  return { request, send: (bytes) => controller.enqueue(new Uint8Array(bytes).fill(7)), end: () => controller.close() };
}

const readAll = (intake: BodyIntake, request: Request) =>
  intake.withBody(request, async (read) => {
    let seen = 0;
    const body = await read((chunk) => {
      seen += chunk.length;
    });
    return { length: body.length, seen, held: intake.heldBytes };
  });

describe('BodyIntake', () => {
  test('reads a body in parts, passes on each part, and holds nothing after its use', async () => {
    const intake = new BodyIntake(limits);
    const { request, send, end } = sender();
    for (const bytes of [300, 1, 699]) send(bytes);
    end();
    expect(await readAll(intake, request)).toMatchObject({ length: 1000, seen: 1000 });
    expect(intake.heldBytes).toBe(0);
  });

  test('rejects a body over its limit, and holds nothing of it', async () => {
    const intake = new BodyIntake(limits);
    const { request, send } = sender();
    send(1001);
    await expect(readAll(intake, request)).rejects.toMatchObject({ code: 'too_large' });
    const declared = new Request('http://localhost', {
      method: 'POST',
      body: 'x',
      headers: { 'content-length': '1001' },
    });
    await expect(readAll(intake, declared)).rejects.toMatchObject({ code: 'too_large' });
    expect(intake.heldBytes).toBe(0);
  });

  test('rejects a body that is not complete within the timeout', async () => {
    const intake = new BodyIntake({ ...limits, timeoutMs: 20 });
    const { request, send } = sender();
    send(10);
    await expect(readAll(intake, request)).rejects.toMatchObject({ code: 'request_timeout' });
    expect(intake.heldBytes).toBe(0);
  });

  test('rejects an incomplete body', async () => {
    const intake = new BodyIntake(limits);
    const { request, send } = sender();
    send(10);
    const reading = readAll(intake, request);
    open.pop()?.error(new Error('reset'));
    await expect(reading).rejects.toMatchObject({ code: 'invalid_request', message: 'incomplete body' });
  });

  test('drops the largest incomplete body over the memory limit, and still accepts small ones', async () => {
    const intake = new BodyIntake({ maxBodyBytes: 1_000_000, maxHeldBytes: 300_000, timeoutMs: 60_000 });
    const large = sender();
    large.send(200_000);
    const first = readAll(intake, large.request);
    const slow = Array.from({ length: 5 }, () => sender());
    const others = slow.map(({ request }) => readAll(intake, request));
    for (const { send } of slow) send(20_000);
    // One more exceeds the limit: the large body is dropped, regardless of order.
    const small = sender();
    small.send(30_000);
    small.end();
    const last = readAll(intake, small.request);
    await expect(first).rejects.toMatchObject({ code: 'unavailable' });
    expect((await last).length).toBe(30_000);
    for (const { end } of slow) end();
    expect((await Promise.all(others)).map(({ length }) => length)).toEqual(Array(5).fill(20_000));
    expect(intake.heldBytes).toBe(0);
  });

  test('never holds more than its limit with 200 endless bodies at once', async () => {
    const maxHeldBytes = 4 * 1024 ** 2;
    const bodyBytes = 1.5 * 1024 ** 2;
    const intake = new BodyIntake({ maxBodyBytes: 2 * 1024 ** 2, maxHeldBytes, timeoutMs: 60_000 });
    let most = 0;
    let ended = 0;
    const chunk = new Uint8Array(64 * 1024);
    const readings = Array.from({ length: 200 }, async () => {
      let sent = 0;
      const body = new ReadableStream<Uint8Array>({
        pull(controller) {
          most = Math.max(most, intake.heldBytes);
          sent += chunk.length;
          if (sent < bodyBytes) controller.enqueue(chunk);
          else open.push(controller);
        },
      });
      const request = new Request('http://localhost', { method: 'POST', body, duplex: 'half' } as RequestInit);
      const code = await readAll(intake, request).catch((fault) => fault.code);
      ended += 1;
      return code;
    });
    while (ended + open.length < readings.length) await new Promise(setImmediate);
    for (const controller of open.splice(0)) controller.error(new Error('gone'));
    const codes = await Promise.all(readings);
    expect(codes.filter((code) => code === 'unavailable').length).toBeGreaterThan(190);
    expect(most).toBeGreaterThan(maxHeldBytes / 2);
    expect(most).toBeLessThanOrEqual(maxHeldBytes);
    expect(intake.heldBytes).toBe(0);
  });
});
