# One image for every process of the product: web, worker, sender, beat, receiver, and migrations.
FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1

RUN useradd --system --uid 10001 --home-dir /srv/kommunepost --create-home kommunepost \
 && install -d -o kommunepost -g kommunepost -m 0700 /var/lib/kommunepost/blobs
WORKDIR /srv/kommunepost

COPY requirements.runtime.lock .
RUN pip install --no-cache-dir --disable-pip-version-check --require-hashes \
      -r requirements.runtime.lock

COPY . .
# The settings are read while translations are compiled, but none of these values is kept.
RUN SECRET_KEY=unused DATABASE_URL=postgres:///unused REDIS_URL=redis://unused \
      python manage.py compile_translations

USER kommunepost
VOLUME /var/lib/kommunepost/blobs
EXPOSE 8000 2525
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "kommunepost.wsgi:application"]
