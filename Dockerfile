# Two images from one file: the server has no torch, the runner has no Django.
#   docker build --target server -t hpweb-server .
#   docker build --target runner -t hpweb-runner .
ARG PYTHON=3.11

FROM python:${PYTHON}-slim AS base
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN useradd --create-home --uid 10001 hpweb && install -d -o hpweb -g hpweb /app /data /tokens /models
WORKDIR /app
COPY requirements/common.txt requirements/

FROM base AS server
COPY requirements/server.txt requirements/
RUN pip install -r requirements/server.txt
COPY manage.py ./
COPY hpweb hpweb
COPY teams teams
COPY sweeps sweeps
COPY templates templates
COPY static static
# Of runners, everything but the process that trains.
COPY runners runners
RUN rm -r runners/process
# The client is for other machines.
RUN rm -r hpweb/client
USER hpweb
ENV HPWEB_DATA=/data
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
# Static files are collected into the data volume by the `prepare` service of compose.yaml, with the migrations.
CMD ["uvicorn", "hpweb.asgi:application", "--host", "0.0.0.0", "--port", "8000", "--lifespan", "on", "--ws", "websockets-sansio", \
     "--proxy-headers", "--no-access-log", "--timeout-graceful-shutdown", "5"]

FROM base AS runner
# The index to take torch from; for machines without a GPU: --build-arg TORCH_INDEX=https://download.pytorch.org/whl/cpu
ARG TORCH_INDEX=https://pypi.org/simple
COPY requirements/runner.txt requirements/runner-no-deps.txt requirements/
RUN pip install --index-url ${TORCH_INDEX} "$(grep ^torch== requirements/runner.txt)" \
    && pip install -r requirements/runner.txt \
    && pip install --no-deps -r requirements/runner-no-deps.txt
COPY runners/__init__.py runners/
COPY runners/protocol runners/protocol
COPY runners/optimizers runners/optimizers
COPY runners/process runners/process
USER hpweb
ENV HPWEB_RUNNER_HOME=/data OMP_NUM_THREADS=1
VOLUME /data
CMD ["python", "-m", "runners.process"]
