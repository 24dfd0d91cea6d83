import { createServer } from 'node:http';

const port = Number(process.env.PORT ?? 8080);
const answers = { '/healthz': 'ok', '/hello': 'hello' };

const server = createServer((request, response) => {
  const answer = answers[request.url];
  console.log(`${request.method} ${request.url} ${answer ? 200 : 404}`);
  response.writeHead(answer ? 200 : 404, { 'content-type': 'text/plain' }).end(answer ?? 'not found');
});

server.listen(port, () => console.log(`the greeter listens on port ${port}`));
process.on('SIGTERM', () => server.close(() => process.exit(0)));
