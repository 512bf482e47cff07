import{i as t}from"./chunk-TE4DJQQI.js";import{o as r}from"./chunk-MG4J2EZT.js";function e({site:o}){return r("h2",{"data-site":o,children:t("tab_articles")})}export{e as ArticlesPage};
