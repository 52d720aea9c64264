# The project with everything set up: alone, on any machine that runs Linux containers, or as what
# a JupyterHub starts for each student (docs/hub.md).
#   docker build -t gluon-seq2seq . && docker run -it -p 8888:8888 gluon-seq2seq
# For NVIDIA GPUs, 4 GB more, with NVIDIA's container toolkit (docs/gpu.md; not tried):
#   docker build --build-arg GPU=1 -t gluon-seq2seq . && docker run -it --gpus all -p 8888:8888 gluon-seq2seq
# tools/image.sh runs these steps where there is no Docker.
FROM python:3.13-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends make gcc git libc6-dev libgomp1 fonts-noto-cjk \
    && if [ "$(dpkg --print-architecture)" = amd64 ]; then apt-get install -y --no-install-recommends libquadmath0; fi \
    && rm -rf /var/lib/apt/lists/*
# Not in the home, which a hub mounts from elsewhere.
ARG NB_USER=student
ARG NB_UID=1000
RUN useradd --create-home --shell /bin/bash --uid "$NB_UID" "$NB_USER" \
    && install --directory --owner="$NB_UID" /opt/gluon_seq2seq
WORKDIR /opt/gluon_seq2seq
USER $NB_UID
COPY --chown=$NB_UID . .
ARG GPU=
RUN GPU="$GPU" sh tools/setup_venv.sh test,lint,notebooks,hub,jupyter
ENV PATH=/opt/gluon_seq2seq/.venv/bin:$PATH
WORKDIR /home/$NB_USER
EXPOSE 8888
ENTRYPOINT ["/opt/gluon_seq2seq/tools/hub/start.sh"]
