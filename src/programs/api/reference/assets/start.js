/* global SwaggerUIBundle */
SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#reference',
  deepLinking: true,
  filter: true,
  displayRequestDuration: true,
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
  // Do not send the document to another server.
  validatorUrl: null,
  requestInterceptor: (request) => {
    // Without a token, the server rejects a POST without a JSON content type.
    if (request.method === 'POST' && request.body === undefined) request.headers['Content-Type'] ??= 'application/json';
    return request;
  },
});
