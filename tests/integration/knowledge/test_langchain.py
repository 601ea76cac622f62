"""The interfaces that users of LangChain expect."""

from langchain_core.runnables import RunnableLambda

from knowledge.retriever import KnowledgeRetriever


def test_the_retriever_plugs_into_a_chain(knowledge):
    chain = KnowledgeRetriever(knowledge=knowledge, k=3) | RunnableLambda(
        lambda documents: [document.metadata["section"] for document in documents]
    )
    sections = chain.invoke("Which HAM-D-17 and MADRS scores define remission?")
    assert sections[0] == "Measuring Outcomes: Response vs. Remission"
    assert len(sections) == 3


def test_the_retriever_returns_nothing_where_nothing_answers(knowledge):
    assert KnowledgeRetriever(knowledge=knowledge).invoke("How do I reset my router?") == []


def test_the_store_is_a_langchain_vector_store(knowledge):
    store = knowledge.vector_store()
    (document,) = store.similarity_search("hypomanic symptoms during treatment", k=1)
    assert document.id == "pseudo-resistance/hypomania"
