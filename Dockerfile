# The project with everything set up, on any machine that runs Linux containers.
#   docker build -t gluon-seq2seq . && docker run -it -p 8888:8888 gluon-seq2seq
# For NVIDIA GPUs, 4 GB more, with NVIDIA's container toolkit (docs/gpu.md; not tried):
#   docker build --build-arg GPU=1 -t gluon-seq2seq . && docker run -it --gpus all -p 8888:8888 gluon-seq2seq
FROM python:3.13-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends make gcc libc6-dev libgomp1 fonts-noto-cjk \
    && if [ "$(dpkg --print-architecture)" = amd64 ]; then apt-get install -y --no-install-recommends libquadmath0; fi \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --create-home student
USER student
WORKDIR /home/student/gluon_seq2seq
COPY --chown=student . .
ARG GPU=
RUN GPU="$GPU" sh tools/setup_venv.sh test,lint,notebooks,jupyter
ENV PATH=/home/student/gluon_seq2seq/.venv/bin:$PATH
EXPOSE 8888
CMD ["jupyter", "lab", "--ip=0.0.0.0", "--no-browser", "notebooks/en/00_setup.ipynb"]
