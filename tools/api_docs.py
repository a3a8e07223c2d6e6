#!/usr/bin/python3
# Writes the API's pages as files, the same that the service has in it: api_docs.py FOLDER. FOLDER/swagger/plain.html opens as
# it is; Swagger UI in index.html wants a web server, as browsers let no file read another. Any will do to publish them.
import pathlib
import sys

import fetch_swagger
import image_sbom
import make_pages


def write(folder):
    of_swagger = [fetch_swagger.place() / name for name in fetch_swagger.FILES]
    files = of_swagger if all(file.exists() for file in of_swagger) else []
    for path, content in make_pages.pages(image_sbom.version(), files).items():
        if path.startswith("/swagger/"):
            place = folder / path.lstrip("/")
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: api_docs.py FOLDER")
    write(pathlib.Path(sys.argv[1]))
    print(f"api-docs: {sys.argv[1]}/swagger/plain.html, and index.html for a web server")
