"""The course: lessons with their exercises, the folder that students get, the book, and grading by nbgrader."""
