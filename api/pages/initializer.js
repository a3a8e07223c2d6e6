// Starts Swagger UI. A file of its own, since the page's Content-Security-Policy forbids scripts inside the page.
SwaggerUIBundle({
    url: "openapi.json",
    dom_id: "#swagger-ui",
    deepLinking: true,
    // No badge of a validator elsewhere: nothing leaves this origin.
    validatorUrl: null,
    presets: [SwaggerUIBundle.presets.apis],
    layout: "BaseLayout",
    displayRequestDuration: true,
    supportedSubmitMethods: ["get", "head", "post", "put", "delete"],
});
