"""A database: collections by name and by id, views, and what of it is written into the journal."""

from .answers import no_collection, no_view
from .collection import Collection


class Database:
    def __init__(self, id, name, options=None):
        self.id = id
        self.name = name
        self.options = options or {}
        self.collections = {}
        self.views = {}  # by name, each as its answer shows it

    @property
    def is_system(self):
        return self.name == "_system"

    def find(self, name_or_id):
        """None if there is none."""
        found = self.collections.get(name_or_id)
        if found is None and name_or_id and name_or_id.isdigit():
            found = next((one for one in self.collections.values() if one.id == name_or_id), None)
        return found

    def collection(self, name_or_id):
        found = self.find(name_or_id)
        if found is None:
            raise no_collection(name_or_id)
        return found

    def view(self, name_or_id):
        found = self.views.get(name_or_id)
        if found is None:
            found = next((one for one in self.views.values() if one["id"] == name_or_id), None)
        if found is None:
            raise no_view()
        return found

    def described(self):
        return {"op": "database", "id": self.id, "name": self.name, "options": self.options}

    def add(self, properties, indexes):
        collection = Collection(self, properties, indexes)
        self.collections[collection.name] = collection
        return collection
