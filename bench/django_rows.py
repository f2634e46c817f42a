"""The same upsert by e-mail as people do it in Django: django-import-export, its bulk option, SQLite.

Run by `bench.rows` in an environment of its own (`.venv-bench`, see `bench/requirements.txt`), with
the file's path; prints CPU seconds as JSON. `checked` has the rows cleaned by Django's model
(`clean_model_instances`), `unchecked` takes any text for an address; neither reads phone numbers.
"""

import json
import sys
import time
from pathlib import Path

import django
from django.conf import settings

settings.configure(
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    INSTALLED_APPS=["django.contrib.contenttypes", "import_export", "bench"],
    USE_TZ=True,
)
django.setup()

from django.db import connection, models  # noqa: E402
from import_export import resources  # noqa: E402
from tablib import Dataset  # noqa: E402


class Person(models.Model):
    """What a lead is to a first version of anything."""

    email = models.EmailField(unique=True)
    phone = models.CharField(max_length=30, blank=True)
    first_name = models.CharField(max_length=100, blank=True)
    last_name = models.CharField(max_length=100, blank=True)
    company = models.CharField(max_length=200, blank=True)

    class Meta:
        """Of this package."""

        app_label = "bench"


class People(resources.ModelResource):
    """Upserts by e-mail, a thousand rows a statement."""

    class Meta:
        """As django-import-export's documentation has a bulk import."""

        model = Person
        import_id_fields = ("email",)
        fields = ("email", "phone", "first_name", "last_name", "company")
        use_bulk = True
        batch_size = 1000


class CheckedPeople(People):
    """The same with Django's own checks of every row."""

    class Meta(People.Meta):
        """Each row's model is cleaned."""

        clean_model_instances = True


def spent(resource: resources.ModelResource, text: str) -> float:
    """CPU seconds of one import into an empty table."""
    Person.objects.all().delete()
    begun = time.process_time()
    result = resource.import_data(Dataset().load(text, format="csv"), raise_errors=True)
    took = time.process_time() - begun
    if Person.objects.count() != result.totals["new"]:
        raise RuntimeError("rows are missing")
    return took


def main() -> None:
    """Import the file once each way."""
    text = Path(sys.argv[1]).read_text()
    with connection.schema_editor() as editor:
        editor.create_model(Person)
    People().import_data(Dataset().load("\n".join(text.split("\n")[:100]), format="csv"))
    print(json.dumps({"unchecked": spent(People(), text), "checked": spent(CheckedPeople(), text)}))


if __name__ == "__main__":
    main()
