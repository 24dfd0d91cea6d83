/* global SwaggerUIBundle */
SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#reference',
  deepLinking: true,
  filter: true,
  displayRequestDuration: true,
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
  // Nothing of this server is sent to another one.
  validatorUrl: null,
  requestInterceptor: (request) => {
    // A server without a token takes no POST that a form of another page could have sent.
    if (request.method === 'POST' && request.body === undefined) request.headers['Content-Type'] ??= 'application/json';
    return request;
  },
});
