# README's session on the embedded default.
import readme


def test_the_session_in_the_readme_works_as_printed(new_service):
    service = new_service().start()
    readme.run_session(service)
    service.stop()
