# The server in a container, without root.
#   docker build -t pixelwise .
#   docker run --rm -p 8000:8000 -v "$PWD/runs/my-run:/model:ro" -e PIXELWISE_API_KEY=secret pixelwise
FROM python:3.12-slim AS build
WORKDIR /src
COPY requirements-serve.lock pyproject.toml README.md LICENSE ./
COPY src src
RUN python -m venv /opt/pixelwise \
    && /opt/pixelwise/bin/pip install --no-cache-dir --require-hashes -r requirements-serve.lock \
    && /opt/pixelwise/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.12-slim
RUN useradd --create-home --uid 10001 pixelwise
COPY --from=build /opt/pixelwise /opt/pixelwise
ENV PATH=/opt/pixelwise/bin:$PATH PYTHONUNBUFFERED=1
USER pixelwise
WORKDIR /home/pixelwise
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/healthz')"]
ENTRYPOINT ["pixelwise", "serve", "/model", "--host", "0.0.0.0"]
