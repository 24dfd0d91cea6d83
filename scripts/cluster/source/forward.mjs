/** `node forward.mjs <port> <host> <port>`: forwards connections from a port of 127.0.0.1 to another address. */
import { connect, createServer } from 'node:net';

const [port, host, target] = process.argv.slice(2);
createServer((client) => {
  const upstream = connect(Number(target), host);
  client.on('error', () => upstream.destroy());
  upstream.on('error', () => client.destroy());
  client.pipe(upstream).pipe(client);
}).listen(Number(port), '127.0.0.1');
